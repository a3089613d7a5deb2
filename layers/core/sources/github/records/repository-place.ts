/** A repository of which records are read. */
export interface RepositoryPlace {
  /** GitHub's number of it. */
  id: string;
  owner: string;
  repository: string;
  /** `acme/api` */
  name: string;
  /** Below the API's base. */
  path: string;
}
