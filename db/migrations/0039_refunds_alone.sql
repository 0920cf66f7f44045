-- What one person gave back alone on a day is summed before the next one.
create index merchant_decision_alone on merchant_decision (decided_by, decided_at) where asked_by = decided_by;
