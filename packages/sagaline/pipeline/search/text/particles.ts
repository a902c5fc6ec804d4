/**
 * Particles that Korean writes without a space after a noun: where to, with what, whose. Several may follow one another, in an
 * order that grammar fixes: `에서만은` is place, only, topic.
 */

const CASE = [
  ...['에서부터', '으로부터', '로부터', '에게서', '한테서', '에게', '한테', '에서', '께서', '에', '께'],
  ...['으로서', '으로써', '로서', '로써', '으로', '로', '처럼', '보다', '만큼', '대로', '마다'],
  ...['이라고', '라고', '하고', '이랑', '랑', '와', '과'],
].join('|');
const FOCUS = ['까지', '부터', '조차', '마저', '밖에', '뿐', '만'].join('|');
const AFTER_CASE = ['은', '는', '도', '의', '이라도', '라도', '이나', '나'].join('|');
const CLOSING = [AFTER_CASE, '이', '가', '을', '를'].join('|');
const ALONE = [CLOSING, '이든지', '든지', '야말로'].join('|');

const PARTICLES = new RegExp(
  `^(?:(?:${CASE})(?:${FOCUS}){0,2}(?:${AFTER_CASE})?|(?:${FOCUS}){1,2}(?:${CLOSING})?|${ALONE})$`,
);

/** Syllables of the longest row of particles that is looked for, such as 에서부터까지라도. */
export const LONGEST = 8;

/** Whether these syllables are particles and nothing else. */
export const areParticles = (syllables: string): boolean => syllables.length <= LONGEST && PARTICLES.test(syllables);

/**
 * What may be the noun when the end of a word is taken for particles: `결과는` is 결과 with 는, or 결 with 과 and 는, and no
 * list of words is here that would know. The longest noun comes first; none is empty.
 *
 * @returns how many syllables each noun has
 */
export function nounLengths(syllables: readonly string[]): number[] {
  const lengths: number[] = [];
  for (let length = syllables.length - 1; length >= 1 && syllables.length - length <= LONGEST; length--) {
    if (areParticles(syllables.slice(length).join(''))) lengths.push(length);
  }
  return lengths;
}
