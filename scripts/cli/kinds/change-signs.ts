/** How a change is written, as in the output of diff programs. */
export const changeSigns = { added: '+', removed: '-', changed: '~' } as const;
