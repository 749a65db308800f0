import type { Burst, Prober } from './prober.js';

export interface FoundConcurrency {
  /** The most at once that came through; 0 where not even one did. */
  readonly accepted: number;
  /** More than that was refused, for being too many at once. */
  readonly limited: boolean;
  readonly note: string;
}

type Api = Pick<Prober, 'send' | 'endedBecause'>;

/** How often the same number is sent again, when its answer says nothing of it. */
const MAX_REPEATS = 3;

/** Doubles the requests at once until some are refused with 502 or 503, then halves the gap. */
export async function findConcurrency(api: Api, most: number): Promise<FoundConcurrency> {
  let accepted = 0;
  let tooMany = most + 1;
  let limited = false;
  let refusedOnce = 0;
  for (let repeats = 0; tooMany - accepted > 1;) {
    const size = limited ? Math.floor((accepted + tooMany) / 2) : Math.min(accepted * 2 || 1, most);
    const burst = await api.send(size);
    if (api.endedBecause !== undefined) return outcome(accepted, limited, 'The search was cut short.');
    if (saysNothing(burst)) {
      repeats += 1;
      if (repeats > MAX_REPEATS) return outcome(accepted, limited, whyNoMore(burst));
    } else if (burst.accepted === size) accepted = size;
    // A single error may be chance: the search is turned by the same number twice.
    else if (!limited && refusedOnce !== size) refusedOnce = size;
    else {
      limited = true;
      tooMany = Math.max(accepted + 1, fewestTooMany(burst));
    }
  }
  return outcome(
    accepted,
    limited,
    limited ? `${tooMany} at once were refused.` : `No limit up to ${most} at once.`,
  );
}

/** Refused for the rate, not for being too many at once; and one alone is never too many. */
function saysNothing({ size, accepted, overloaded, failed }: Burst): boolean {
  return accepted < size && (size === 1 || overloaded + failed === 0);
}

/** Where all others were refused for being too many, one more than came through is too many as well. */
function fewestTooMany({ size, accepted, overloaded }: Burst): number {
  return accepted + overloaded === size ? accepted + 1 : size;
}

function whyNoMore({ size, rateLimited }: Burst): string {
  const reason = rateLimited > 0 ? 'the rate limit stood in the way' : 'requests were refused one by one';
  return `${size} at once could not be tested: ${reason}.`;
}

function outcome(accepted: number, limited: boolean, ending: string): FoundConcurrency {
  return { accepted, limited, note: `${accepted} at once were accepted. ${ending}` };
}
