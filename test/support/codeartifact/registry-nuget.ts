import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
export function answerNuGet(_: RegistryCall): RegistryAnswer {
  return notFound;
}
