/** What `npm test` sets up beside node_modules before the tests begin. */
import { preparePython } from './python.ts';

preparePython();
