-- ── what merchants sold by QRIS, and what of it they gave back ────────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{onus_refund,qris_in,qris_refund_out}');

-- A credit comes once, whatever the rail.
drop index payment_inbound;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr)
  where kind in ('bifast_in', 'switch_in', 'qris_in', 'qris_refund_in');

select add_to_check('partner_notice', 'kind', 'partner_notice_kind_check', '{qris_sale}');

-- A code that its merchant's partner called back before anybody paid it.
alter table merchant_code add column cancelled_at timestamptz;
alter table merchant_code add constraint merchant_code_one_end check (cancelled_at is null or payment_id is null);
alter table merchant_code add constraint merchant_code_dynamic_end check (cancelled_at is null or method = 'dynamic');
grant update (cancelled_at) on merchant_code to pulih_core;

create index merchant_account on merchant (settlement_account);

-- A payment that a merchant received: written in the commit of its money, never changed.
create table merchant_sale (
  payment_id text primary key references payment,
  merchant_id text not null references merchant,
  -- Null: a code that named no terminal of the merchant.
  terminal text,
  foreign key (merchant_id, terminal) references merchant_terminal,
  code_id text unique references merchant_code,
  amount_sen bigint not null check (amount_sen > 0),
  mdr_sen bigint not null check (mdr_sen >= 0 and mdr_sen < amount_sen),
  -- Of another bank's customer: an alias, which a refund names.
  customer_pan text check (customer_pan ~ '^[0-9]{16,19}$'),
  made_at timestamptz not null
);
create index merchant_sale_recent on merchant_sale (merchant_id, made_at desc);
create trigger merchant_sale_append_only before update or delete on merchant_sale for each row execute function refuse_change();

-- A refund is a payment of its own; that all refunds of a sale are at most the sale is a counter of the ledger.
create table merchant_refund (
  payment_id text primary key references payment,
  sale_id text not null references merchant_sale,
  merchant_id text not null references merchant,
  refund_number text not null check (refund_number ~ '^[\x21-\x7e]{1,64}$'),
  amount_sen bigint not null check (amount_sen > 0),
  -- The discount that the merchant gets back.
  mdr_sen bigint not null check (mdr_sen >= 0 and mdr_sen <= amount_sen),
  reason text not null check (length(reason) <= 256),
  asked_by text not null check (length(asked_by) between 1 and 100),
  made_at timestamptz not null,
  unique (merchant_id, refund_number)
);
create index merchant_refund_sale on merchant_refund (sale_id);
create trigger merchant_refund_append_only before update or delete on merchant_refund for each row execute function refuse_change();

grant select, insert on merchant_sale, merchant_refund to pulih_core;
grant select on merchant_sale, merchant_refund to pulih_guard;
