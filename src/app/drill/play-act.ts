/** Plays the acts of a scenario at their times, and tells what became of each. */
import { ANSWERS, type ActKind } from '../../../sim/drills/act-file.ts';
import { attackStartMs, type Scenario } from '../../../sim/drills/scenario.ts';
import { alarmKind } from '../../guard/alarm.ts';
import { HANDS, openScene, prepare, type Hand, type Scene } from './act.ts';
import type { ServiceChange } from './service-log.ts';
import { firstEventMs } from './store-act.ts';
import type { DrillWorld } from './world.ts';

/** What became of one act. Times in ms from the first bad event. */
export interface ActCard {
  readonly kind: ActKind;
  readonly atMs: number;
  /** False: of the bank's own people, who answer. */
  readonly isHostile: boolean;
  readonly isRefused: boolean;
  /** When it was told, and by which alarm; `page` = the public page. */
  readonly seenMs: number | null;
  readonly seenBy: string | null;
  /** It had its effect at the end. */
  readonly stands: boolean;
}

/** What `playActs` gives back when the drill is over. */
export interface ActPlay {
  /** Resolves when the last act is done. */
  readonly done: Promise<void>;
  /** Looks at the end what each act came to. */
  tell(services: readonly ServiceChange[]): Promise<readonly ActCard[]>;
}

/** Begins; a scenario without acts has nothing to play. */
export function playActs(world: DrillWorld, scenario: Scenario, dbUrl: string): ActPlay {
  if (scenario.acts.length === 0) return { done: Promise.resolve(), tell: async () => [] };
  const scene = openScene(world, dbUrl);
  const fromMs = attackStartMs(scenario);
  const went: boolean[] = [];
  const play = async (): Promise<void> => {
    await prepare(scene, new Set(scenario.acts.map(({ kind }) => kind)));
    for (const { kind, atMs } of scenario.acts) {
      await world.time.sleep(Math.max(0, fromMs + atMs - world.time.now()));
      went.push(await HANDS[kind].act(scene));
    }
  };
  return {
    done: play(),
    async tell(services) {
      const cards: ActCard[] = [];
      for (const [at, { kind, atMs }] of scenario.acts.entries()) {
        const hand = HANDS[kind];
        const sinceMs = fromMs + atMs;
        const seenAtMs = await seenMs(scene, { hand, sinceMs, services });
        const isHostile = !ANSWERS.includes(kind);
        cards.push({
          kind,
          atMs,
          isHostile,
          isRefused: went[at] === false,
          seenMs: seenAtMs === undefined ? null : seenAtMs - fromMs,
          seenBy: seenAtMs === undefined ? null : nameOf(hand),
          stands: isHostile && ((await hand.stands?.(scene)) ?? false),
        });
      }
      await scene.owner.close();
      await scene.core.close();
      return cards;
    },
  };
}

function nameOf({ alarm }: Hand): string | null {
  return typeof alarm === 'string' ? alarm : (alarm?.[0] ?? null);
}

async function seenMs(
  { owner }: Scene,
  of: {
    readonly hand: Hand;
    readonly sinceMs: number;
    readonly services: readonly ServiceChange[];
  },
): Promise<number | undefined> {
  const { alarm } = of.hand;
  if (alarm === undefined) return undefined;
  if (alarm === 'page')
    return of.services.find(({ atMs, state }) => atMs >= of.sinceMs && state !== 'normal')?.atMs;
  const [code, word] = alarm;
  return firstEventMs(owner, { kind: alarmKind(code), word, sinceMs: of.sinceMs });
}
