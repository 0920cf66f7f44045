/** Every flow detector in force: one line each. */
import { drainDetector } from '../detector/d4-drain.ts';
import { burnDetector } from '../detector/d5-burn.ts';
import { countDetector } from '../detector/d6-count.ts';
import { runwayDetector } from '../detector/d7-runway.ts';
import { nearLimitDetector } from '../detector/d10-near-limit.ts';
import { equalDetector } from '../detector/d11-equal.ts';
import { payeeDetector } from '../detector/d12-payee.ts';
import { noveltyDetector } from '../detector/d13-novelty.ts';
import { categoryDetector } from '../detector/d14-category.ts';
import { channelDetector } from '../detector/d15-channel.ts';
import { sweepDetector } from '../detector/d16-sweep.ts';
import { unpostedDetector } from '../detector/d17-unposted.ts';
import { reversalDetector } from '../detector/d18-reversal.ts';
import { sourceDetector } from '../detector/d19-source.ts';
import { privilegedDetector } from '../detector/d20-privileged.ts';
import { silenceDetector } from '../detector/d21-silence.ts';
import { capDetector } from '../detector/d22-cap.ts';
import { externalDetector } from '../detector/d23-external.ts';
import { fileDetector } from '../detector/d30-file.ts';
import { stuffingDetector } from '../detector/d31-stuffing.ts';
import { databaseDetector } from '../detector/d32-database.ts';
import { pinSweepDetector } from '../detector/d29-pin-sweep.ts';
import { listed, type AnyFlowDetector } from './detector.ts';

/** In the order in which they are asked: D13 asks what D5 and D6 have said. */
export const FLOW_DETECTORS: readonly AnyFlowDetector[] = [
  listed(drainDetector),
  listed(burnDetector),
  listed(countDetector),
  listed(runwayDetector),
  listed(nearLimitDetector),
  listed(equalDetector),
  listed(payeeDetector),
  listed(noveltyDetector),
  listed(categoryDetector),
  listed(channelDetector),
  listed(sweepDetector),
  listed(unpostedDetector),
  listed(reversalDetector),
  listed(sourceDetector),
  listed(privilegedDetector),
  listed(silenceDetector),
  listed(capDetector),
  listed(externalDetector),
  listed(pinSweepDetector),
  listed(fileDetector),
  listed(stuffingDetector),
  listed(databaseDetector),
];
