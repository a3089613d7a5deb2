/** How long the link to a page holds, in hours: as long as the credentials of a function may. */
export const linkHours = 12;
