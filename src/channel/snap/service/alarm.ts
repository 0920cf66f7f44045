/** fraud/alarm (99): a partner, or the operator of a network, tells us that something is wrong with a rail. SNAP has no service for it; form and
 * signature are SNAP's. */
import { ALARM_RAILS, raiseByPartner } from '../../../incident/external-alarm.ts';
import { answer } from '../answer.ts';
import { SnapRefusal } from '../fault.ts';
import type { Service } from '../serve.ts';

/** Takes an alarm. The same reference is the same alarm; for another rail it is inconsistent. */
export const fraudAlarm: Service = async (context, { caller, body }) => {
  const reference = body.text('partnerReferenceNo');
  const wanted = body.text('rail');
  const rail = ALARM_RAILS.find((one) => one === wanted);
  if (!rail) throw new SnapRefusal('invalidFormat', 'rail');
  const raised = await raiseByPartner(context, { partnerId: caller.partner.id, reference, rail });
  if (raised.id === undefined) throw new SnapRefusal('tooManyActivities');
  if (raised.rail !== rail) throw new SnapRefusal('inconsistent', 'rail');
  return answer({
    service: '99',
    caseName: 'successful',
    fields: { referenceNo: raised.id, partnerReferenceNo: reference, rail },
  });
};
