/** System events of the hub and our word that we heard them (admi.004, admi.011). The codes are ours: docs/rail/bifast.md section
 * 4.8. A code that nobody knows is acknowledged and does nothing. Pure. */
import { at, FieldFault, FORM, list, msgId, optional, text, type Field } from './field.ts';
import type { Header } from './message.ts';

/** `POPN` a participant is open, `PCLS` closed: the parameter is its BIC. */
export interface SystemEvent {
  readonly kind: 'system_event';
  readonly header: Header;
  readonly code: string;
  readonly parameters: readonly string[];
  readonly description?: string;
  /** When it became so: WIB without a zone, milliseconds. */
  readonly happenedAt: string;
}

export interface EventAck {
  readonly kind: 'event_ack';
  readonly header: Header;
  readonly msgId: string;
  /** BizMsgIdr of the event. */
  readonly reference: string;
  readonly code: string;
}

const PARAMETERS_MAX = 10;
const EVENT_CODE = /^[A-Z0-9]{1,4}$/;
const PARAMETER = /^[\x21-\x7e]{1,35}$/;

/** Reads admi.004. Throws FieldFault. */
export function readSystemEvent(header: Header, body: Field): SystemEvent {
  const info = at(body, 'EvtInf');
  const parameters = optional(info, 'EvtParam');
  const description = optional(info, 'EvtDesc');
  return {
    kind: 'system_event',
    header,
    code: text(at(info, 'EvtCd'), EVENT_CODE),
    parameters: parameters
      ? list(parameters, PARAMETERS_MAX).map((one) => text(one, PARAMETER))
      : [],
    ...(description && { description: text(description, FORM.note) }),
    happenedAt: instant(at(info, 'EvtTm')),
  };
}

/** Reads admi.011. Throws FieldFault. */
export function readEventAck(header: Header, body: Field): EventAck {
  return {
    kind: 'event_ack',
    header,
    msgId: msgId(at(body, 'MsgId')),
    reference: text(at(body, 'OrgtrRef'), /^[0-9A-Z]{30}$/),
    code: text(at(body, 'AckDtls', 'EvtCd'), EVENT_CODE),
  };
}

/** The body of either. */
export function eventDocument(message: SystemEvent | EventAck): Readonly<Record<string, unknown>> {
  if (message.kind === 'event_ack') {
    return {
      SysEvtAck: {
        MsgId: message.msgId,
        OrgtrRef: message.reference,
        AckDtls: { EvtCd: message.code },
      },
    };
  }
  return {
    SysEvtNtfctn: {
      EvtInf: {
        EvtCd: message.code,
        ...(message.parameters.length > 0 && { EvtParam: message.parameters }),
        ...(message.description && { EvtDesc: message.description }),
        EvtTm: message.happenedAt,
      },
    },
  };
}

/** What an event says about a participant; undefined for any other event. Throws nothing: a BIC that is none says nothing. */
export function participantWord(
  event: SystemEvent,
): { readonly bic: string; readonly isOpen: boolean } | undefined {
  const [bic] = event.parameters;
  if (event.code !== 'POPN' && event.code !== 'PCLS') return undefined;
  if (bic === undefined || !FORM.bic.test(bic)) return undefined;
  return { bic, isOpen: event.code === 'POPN' };
}

/** UTC of a `CreDtTm` that was read by `instant`. */
export function localMs(local: string): number {
  return Date.parse(`${local}+07:00`);
}

/** A `CreDtTm` whose date exists. Throws FieldFault. */
export function instant(field: Field): string {
  const local = text(field, FORM.local);
  if (Number.isNaN(localMs(local))) throw new FieldFault(field.path, 'wrong_form');
  return local;
}
