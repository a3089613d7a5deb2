/** The version of Holdfast, as package.json has it; a test keeps the two equal. */
export const version = '0.2.0';

/** What Holdfast calls itself towards servers. */
export const userAgent = `holdfast/${version}`;
