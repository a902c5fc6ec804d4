import { fetchJson } from 'sagaline/dev';
import { summary, secondsSince, type Act } from './act.ts';

export const signUp: Act = {
  name: 'sign-up',
  story: 'a user signs up: row and event in one transaction; welcome mail, statistics and search follow from the event',
  async play(world) {
    const { addresses, get, post, until, run } = world;
    const before = (await summary(world)).activity.signUps;
    const userId = `u-${run}`;
    const email = `grace-${run}@customer.example`;
    const began = performance.now();
    await post('/v1/users', { userId, email, name: `Grace ${run}` });

    const mails = `${addresses.smsUrl}/v1/mails?to=${encodeURIComponent(email)}`;
    const seen = await Promise.all([
      until('the welcome mail', async () => {
        const { mails: found } = await fetchJson<{ mails: unknown[] }>(mails);
        return found.length > 0 ? `mail ${secondsSince(began)}` : undefined;
      }),
      until('the sign-up in the statistics', async () =>
        (await summary(world)).activity.signUps > before ? `statistics ${secondsSince(began)}` : undefined,
      ),
      until('the user in the search', async () => {
        const { items } = await get<{ items: unknown[] }>(`/v1/search?kind=user&q=${userId}`);
        return items.length > 0 ? `search ${secondsSince(began)}` : undefined;
      }),
    ]);
    return `after the answer: ${seen.join(', ')}`;
  },
};
