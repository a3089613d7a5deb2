import { expect } from 'chai';
import * as v from 'valibot';
import { parse, parseJson } from '#core/runtime/schema.ts';
import { failureIn } from '../../../support/streams.ts';

const schema = v.strictObject({
  name: v.string(),
  count: v.pipe(v.number(), v.minValue(1, 'must be at least 1')),
  nested: v.optional(v.strictObject({ token: v.string() })),
});

describe('what comes in from outside', () => {
  it('is given as it is when it fits', () => {
    expect(parse(schema, { name: 'a', count: 2 }, 'the setting')).to.deep.equal({ name: 'a', count: 2 });
    expect(parseJson(schema, '{"name":"a","count":2}', 'the setting')).to.deep.equal({ name: 'a', count: 2 });
  });

  it('is refused by one error that names every problem and where it is', () => {
    const error = failureIn(() => parse(schema, { count: 0, nested: { token: 5 }, more: 1 }, 'the secret prod/x'));
    expect(error).to.include({ code: 'ConfigurationInvalid', transient: false });
    expect(error.message)
      .to.match(/^the secret prod\/x is not valid: /)
      .and.include('name: missing')
      .and.include('count: must be at least 1')
      .and.include('nested.token: must be string')
      .and.include('more: ');
  });

  it('is never repeated: it may be a secret', () => {
    const secret = 'ghp_canary0123456789';
    for (const attempt of [
      () => parse(schema, { name: [secret], count: secret, nested: secret }, 'it'),
      () => parse(schema, secret, 'it'),
      () => parseJson(schema, secret, 'it'),
      () => parseJson(schema, `{"name": "${secret}", "count": }`, 'it'),
      () => parseJson(schema, JSON.stringify({ name: 1, count: secret, nested: { token: [secret] } }), 'it'),
    ]) {
      const error = failureIn(attempt);
      expect(`${error.message} ${error.stack ?? ''} ${String(error.cause)}`).not.to.include('canary');
    }
  });

  it('is refused by the code that the caller chose', () => {
    expect(failureIn(() => parseJson(schema, 'no JSON', 'the manifest', 'Damaged')).code).to.equal('Damaged');
    expect(failureIn(() => parse(schema, 5, 'the manifest', 'Damaged')).code).to.equal('Damaged');
  });
});
