import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
export function answerPyPI(_: RegistryCall): RegistryAnswer {
  return notFound;
}
