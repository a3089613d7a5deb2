import type { SettingDescription } from '#core/sources/hosting/setting.ts';

/** The keys that the secret of GitHub has beside those of every secret; a test holds them against its schema. */
export const gitHubKeys: Readonly<Record<string, SettingDescription>> = {
  TOKEN_GITHUB: {
    meaning: 'the token; without one only public repositories, and then `BACKUP_OWNER` is needed',
    absent: 'none',
  },
  GITHUB_APP_ID: {
    meaning: '[a GitHub App](github.md#a-github-app-step-by-step) in place of a token',
    absent: 'none',
  },
  GITHUB_APP_PRIVATE_KEY: {
    meaning: 'its private key: the PEM file, with `\\n` for line breaks or in Base64',
    absent: 'none',
  },
  GITHUB_APP_INSTALLATION_ID: { meaning: 'where it is installed', absent: 'found by the owner' },
  BACKUP_OWNER: { meaning: 'the login of one user or organisation', absent: 'everything that the token sees' },
  BACKUP_ONLY_OWNER_REPOS: {
    meaning: "only what that user, or the token's, owns; not what they merely work on",
    absent: 'true where an owner is named, else false',
  },
  BACKUP_DATASETS: {
    meaning: 'what is kept of repositories and account: [datasets](github.md#datasets)',
    absent: 'all that the credential allows',
  },
  BACKUP_LFS_LIMIT: {
    meaning: "the most that is stored of one repository's objects of Git LFS",
    absent: '`5GB`',
  },
  BACKUP_API_URL: {
    meaning: 'GitHub Enterprise: `https://host/api/v3`; each GitHub needs a prefix of its own',
    absent: 'github.com',
  },
  BACKUP_REQUESTS_PER_MINUTE: {
    meaning: "requests to GitHub's API in a minute, 1 to 900; Git itself is not counted",
    absent: '120',
  },
};
