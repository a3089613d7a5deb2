/** Clones all branches and tags by isomorphic-git, which can fetch no other refs. Arguments: URL, folder. */
import fs from 'node:fs';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';

const [url, dir] = process.argv.slice(2);
await git.clone({ fs, http, dir, url, noCheckout: true, singleBranch: false });
