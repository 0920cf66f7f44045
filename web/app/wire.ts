/** The API's answers, typed by the very schemas that the server validates with. Types only: nothing of the server is bundled. */
import type { Static } from 'typebox';
import type * as qris from '../../src/channel/mobile/schema-qris.ts';
import type * as schema from '../../src/channel/mobile/schema.ts';

export type SessionInfo = Static<typeof schema.SessionBody>;
export type Home = Static<typeof schema.HomeBody>;
export type Service = Static<typeof schema.Service>;
export type Account = Static<typeof schema.Account>;
export type Payment = Static<typeof schema.Payment>;
export type PaymentDetail = Static<typeof schema.PaymentDetail>;
export type Bank = Static<typeof schema.BanksBody>['banks'][number];
export type Banks = Static<typeof schema.BanksBody>;
export type NameCheck = Static<typeof schema.NameCheckAnswer>;
export type Quote = Static<typeof schema.QuoteAnswer>;
export type RouteOption = NonNullable<Quote['routes']>[number];
export type Route = RouteOption['route'];
export type Explanation = Static<typeof schema.Explanation>;
export type Consent = Static<typeof schema.ConsentAnswer>;
export type History = Static<typeof schema.HistoryBody>;
export type Messages = Static<typeof schema.MessagesBody>;
export type Statement = Static<typeof schema.StatementBody>;
export type StandingQuote = Static<typeof schema.StandingQuoteAnswer>;
export type StandingOrder = Static<typeof schema.StandingOrder>;
export type StandingList = Static<typeof schema.StandingList>;
export type StandingDetail = Static<typeof schema.StandingDetail>;
export type Schedule = Static<typeof schema.Schedule>;
export type QrisRead = Static<typeof qris.QrisReadAnswer>;
export type QrisContent = NonNullable<QrisRead['content']>;
