#!/usr/bin/env node
/** Runs the built command line, and builds it first where the sources are newer. */
import { isStale, program, setUp } from '../setup.mjs';

if (isStale()) setUp();
await import(program);
