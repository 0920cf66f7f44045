-- Fewer entries per transfer. Every index costs each transfer a descent, its bytes, and its share of the log.

-- The order of the stream is the key of its rows: an id is asked for alone only where verification has found a difference.
alter table event drop constraint event_pkey;
drop index event_order;
alter table event add primary key (xid, id, on_date);

-- Who asks for the events of a payment wants what happened to it; what moved is in `transfer`, by payment.
drop index event_subject;
create index event_subject on event (subject, id) where kind <> 'ledger.posted';

-- Leaves are appended in the order of the stream, and so nearly in the order of ids: a summary per range of pages finds one.
drop index audit_leaf_event;
create index audit_leaf_event on audit_leaf using brin (event_id) with (autosummarize = on);
