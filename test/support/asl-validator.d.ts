/** What the tests use of https://github.com/ChristopheBougere/asl-validator, which brings no types. */
declare module 'asl-validator' {
  const validate: (definition: unknown) => {
    isValid: boolean;
    errors: unknown[];
    errorsText: (separator?: string) => string;
  };
  export default validate;
}
