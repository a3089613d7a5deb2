import { expect } from 'chai';
import { codeCommitAuthorization } from '#core/sources/codecommit/signature.ts';

const place = { region: 'us-east-1', host: 'git-codecommit.us-east-1.amazonaws.com', path: '/v1/repos/my-repo' };
const now = new Date('2026-11-20T09:45:12.345Z');

function credentialsIn(header: string): string {
  return Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
}

describe('the signature for Git at CodeCommit', () => {
  it('is what the algorithm of AWS gives for a key, a place and a moment', () => {
    const header = codeCommitAuthorization(
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
      place,
      now,
    );
    // By openssl, step by step: dgst -sha256 of the request, then -mac HMAC over day, region, service, aws4_request.
    expect(credentialsIn(header)).to.equal(
      'AKIDEXAMPLE:20261120T094512Ze0fce15a8df67040808f4b407222367baaaf3619228a0425b5069a74b6348b10',
    );
  });

  it('names the session of a temporary key behind the key', () => {
    const key = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: 'session/with+signs==' };
    expect(credentialsIn(codeCommitAuthorization(key, place, now))).to.match(
      /^ASIAEXAMPLE%session\/with\+signs==:20261120T094512Z[0-9a-f]{64}$/,
    );
  });

  it('is another for each other key, region, host, repository and second', () => {
    const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
    const signatures = [
      codeCommitAuthorization(key, place, now),
      codeCommitAuthorization({ ...key, secretAccessKey: 'another' }, place, now),
      codeCommitAuthorization(key, { ...place, region: 'eu-central-1' }, now),
      codeCommitAuthorization(key, { ...place, host: 'git-codecommit-fips.us-east-1.amazonaws.com' }, now),
      codeCommitAuthorization(key, { ...place, path: '/v1/repos/my-repo2' }, now),
      codeCommitAuthorization(key, place, new Date(now.getTime() + 1000)),
    ];
    expect(new Set(signatures.map((header) => credentialsIn(header).slice(-64)))).to.have.property('size', 6);
  });
});
