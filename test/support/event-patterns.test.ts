import { expect } from 'chai';
import { checkPattern } from './event-patterns/check-pattern.ts';
import { matchesPattern } from './event-patterns/match-pattern.ts';

const accepts = (pattern: object): Chai.Assertion => expect(checkPattern(JSON.stringify(pattern)));

// What EventBridge takes and refuses by the documentation of its operators and of the engine that it runs,
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and
// https://github.com/aws/event-ruler.
describe('the check of event patterns', () => {
  for (const [title, pattern] of Object.entries({
    'plain values of any kind': { detail: { state: ['running', null, 3, true] } },
    'a prefix, also regardless of case': { time: [{ prefix: '2026-' }, { prefix: { 'equals-ignore-case': 'x' } }] },
    'a suffix, also regardless of case': { name: [{ suffix: '.png' }, { suffix: { 'equals-ignore-case': '.PNG' } }] },
    'a comparison regardless of case': { state: [{ 'equals-ignore-case': 'running' }] },
    'wildcards apart from each other, and an escaped star': { name: [{ wildcard: 'a*b*c\\*' }] },
    'anything but values': {
      state: [{ 'anything-but': 'a' }, { 'anything-but': ['a', 'b'] }, { 'anything-but': [1, 2] }],
    },
    'anything but a prefix, suffix, wildcard': {
      state: [
        { 'anything-but': { prefix: 'init' } },
        { 'anything-but': { suffix: ['.tmp', '.bak'] } },
        { 'anything-but': { 'equals-ignore-case': ['a'] } },
        { 'anything-but': { wildcard: '*/lib/*' } },
      ],
    },
    'numbers and ranges': { count: [{ numeric: ['=', 3.5] }, { numeric: ['>', 0, '<=', 5] }] },
    'presence and absence': { errorCode: [{ exists: false }], detail: { id: [{ exists: true }] } },
    addresses: { ip: [{ cidr: '10.0.0.0/24' }, { cidr: '2001:db8::/32' }] },
    'a choice of two': { detail: { $or: [{ a: ['x'] }, { b: [{ numeric: ['<', 5] }] }] } },
  }))
    it(`takes ${title}`, () => accepts(pattern).to.deep.equal([]));

  for (const [title, pattern, problem] of [
    ['a choice of one', { detail: { $or: [{ domainOwner: ['1'] }] } }, 'two or more'],
    ['a choice that is not an array', { $or: { a: ['x'] } }, 'two or more'],
    ['a choice with an empty object', { $or: [{ a: ['x'] }, {}] }, 'empty object'],
    ['a choice by a field that is called like a match type', { $or: [{ prefix: ['x'] }, { b: ['y'] }] }, 'match type'],
    ['a value outside an array', { source: 'aws.states' }, 'not in an array'],
    ['an empty array', { source: [] }, 'empty array'],
    ['an array within an array', { source: [['aws.states']] }, 'array within an array'],
    ['an empty object', { detail: {} }, 'empty object'],
    ['a match type that does not exist', { name: [{ regex: '^a' }] }, 'unknown match type regex'],
    ['two match types in one object', { name: [{ prefix: 'a', suffix: 'b' }] }, 'more than one name'],
    ['two stars in a row', { name: [{ wildcard: 'a**b' }] }, 'wildcard'],
    ['an escape of something else', { name: [{ wildcard: 'a\\b' }] }, 'wildcard'],
    ['an empty prefix', { name: [{ prefix: '' }] }, 'prefix'],
    ['a presence that is not a Boolean', { name: [{ exists: 'no' }] }, 'exists'],
    ['anything but a mixture', { name: [{ 'anything-but': ['a', 1] }] }, 'anything-but'],
    ['anything but nothing', { name: [{ 'anything-but': [] }] }, 'anything-but'],
    ['a range that holds nothing', { count: [{ numeric: ['>', 5, '<', 5] }] }, 'numeric'],
    ['a comparison that does not exist', { count: [{ numeric: ['!=', 5] }] }, 'numeric'],
    ['a range of addresses that is none', { ip: [{ cidr: '10.0.0.0/33' }] }, 'cidr'],
    ['a pattern that is too long', { source: ['x'.repeat(2048)] }, 'characters'],
    ['a pattern without a field', {}, 'not an object of fields'],
  ] as const)
    it(`refuses ${title}`, () => {
      const problems = checkPattern(JSON.stringify(pattern));
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include(problem);
    });
});

describe('the match of event patterns', () => {
  for (const [title, pattern, taken, refused] of [
    ['a value', { state: ['a', 'b'] }, { state: 'b' }, { state: 'c' }],
    ['a value among several of an event', { state: ['a'] }, { state: ['x', 'a'] }, { state: ['x'] }],
    ['null', { state: [null] }, { state: null }, {}],
    ['numbers by value', { count: [3] }, { count: 3.0 }, { count: '3' }],
    ['a prefix', { name: [{ prefix: 'ab' }] }, { name: 'abc' }, { name: 'cab' }],
    [
      'a suffix regardless of case',
      { name: [{ suffix: { 'equals-ignore-case': '.PNG' } }] },
      { name: 'a.png' },
      { name: 'a.jpg' },
    ],
    ['wildcards', { name: [{ wildcard: 'lib*-\\*' }] }, { name: 'lib-one-*' }, { name: 'lib-one-2' }],
    ['anything else', { name: [{ 'anything-but': ['a'] }] }, { name: 'b' }, { name: 'a' }],
    [
      'anything else, only where there is something',
      { name: [{ 'anything-but': { prefix: 'a' } }] },
      { name: 'b' },
      {},
    ],
    ['a range', { count: [{ numeric: ['>', 0, '<=', 5] }] }, { count: 5 }, { count: 0 }],
    ['what is not there', { code: [{ exists: false }] }, {}, { code: 'x' }],
    ['what is there', { code: [{ exists: true }] }, { code: 'x' }, { code: {} }],
    ['an address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.9' }, { ip: '10.0.1.9' }],
    ['one of two choices', { $or: [{ a: ['x'] }, { b: ['y'] }] }, { a: 'z', b: 'y' }, { a: 'y', b: 'x' }],
    [
      'all fields, also of what is nested',
      { detail: { a: ['x'], b: ['y'] } },
      { detail: { a: 'x', b: 'y' } },
      { detail: { a: 'x' } },
    ],
  ] as const)
    it(`knows ${title}`, () => {
      expect(matchesPattern(JSON.stringify(pattern), taken)).to.equal(true);
      expect(matchesPattern(JSON.stringify(pattern), refused)).to.equal(false);
    });
});
