import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

const mine = `nullif(current_setting('app.club', true), '')::uuid`

/** Scores of a match on a pitch, both of a club; the first key by name is the pitch's. */
const script = (matchKey: string, pitchKey: string, condition: string): string => `
  create table public.matches (id uuid primary key, club_id uuid not null);
  create table public.pitches (id uuid primary key, club_id uuid not null);
  create table public.scores (id uuid primary key, match_id uuid not null, a_pitch uuid not null,
    constraint a_pitch foreign key (a_pitch) references public.pitches ${pitchKey},
    constraint b_match foreign key (match_id) references public.matches ${matchKey});
  alter table public.matches enable row level security; alter table public.pitches enable row level security;
  alter table public.scores enable row level security;
  create policy p on public.matches using (club_id = ${mine});
  create policy p on public.pitches using (club_id = ${mine});
  create policy p on public.scores using (${condition});
  grant select, insert, update, delete on public.matches, public.pitches, public.scores to APP;`

const model: TenancyInput = {
  tenantKey: { column: 'club_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.club' },
  schemas: ['public'],
}

async function scores(source: string): Promise<readonly string[]> {
  const { coverage } = await judgeScript(source, model)
  return coverage
    .filter(({ object }) => object === 'public.scores')
    .map(({ command, verdict }) => `${command} ${verdict}`)
}

const byMatch = `match_id in (select m.id from public.matches m where m.club_id = ${mine})`
const byPitch = `a_pitch in (select p.id from public.pitches p where p.club_id = ${mine})`
const proven = ['SELECT proven', 'INSERT proven', 'UPDATE proven', 'DELETE proven']

it('takes the tenant of a table without one from the key that its policies follow', async () => {
  expect(await scores(script('', '', byMatch))).toEqual(proven)
  expect(await scores(script('', '', byPitch))).toEqual(proven)
  // The match says whose scores are; a pitch of another club may take them along when it goes.
  expect(await scores(script('', 'on delete cascade', byMatch))).toEqual([
    'DELETE unknown',
    'SELECT proven',
    'INSERT proven',
    'UPDATE proven',
  ])
})

it('takes it, where policies follow both keys, from the one whose parent takes the rows along', async () => {
  const both = `${byMatch} or ${byPitch}`
  const leaks = await scores(script('on delete cascade', '', both))
  expect(leaks).toContain('SELECT leak')
  expect(await scores(script('on delete cascade', '', `${byMatch} and ${byPitch}`))).toEqual(proven)
})

it('still finds rows of others where no policy follows a key', async () => {
  expect(await scores(script('on delete cascade', '', 'true'))).toContain('SELECT leak')
})
