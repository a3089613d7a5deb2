import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
export function answerNpm(_: RegistryCall): RegistryAnswer {
  return notFound;
}
