/** What a customer reads about access that partners have to their accounts. */
import type { Language, MessageParams, MessageTemplate } from './template.ts';

type AccessTemplate = Extract<MessageTemplate, `access_grant.${string}`>;
type Text = (params: MessageParams) => { readonly title: string; readonly body: string };

/** Words by language and template. */
export const ACCESS_TEXTS: Readonly<Record<Language, Readonly<Record<AccessTemplate, Text>>>> = {
  id: {
    'access_grant.made': ({ name, reference }) => ({
      title: 'Akses pihak ketiga diberikan',
      body: `${name} kini boleh melihat data rekening yang Anda pilih. Uang Anda tidak dapat dipindahkan dengan izin ini. Bukan Anda? Buka Lainnya, Akses pihak ketiga, lalu cabut, dan ganti PIN Anda. No. referensi ${reference}.`,
    }),
    'access_grant.ended': ({ name, reference }) => ({
      title: 'Akses pihak ketiga berakhir',
      body: `${name} tidak lagi dapat melihat data rekening Anda. No. referensi ${reference}.`,
    }),
  },
  en: {
    'access_grant.made': ({ name, reference }) => ({
      title: 'Third-party access given',
      body: `${name} may now see data of the accounts that you chose. Your money cannot be moved with this permission. Not you? Open More, Third-party access, revoke it, and change your PIN. Reference ${reference}.`,
    }),
    'access_grant.ended': ({ name, reference }) => ({
      title: 'Third-party access ended',
      body: `${name} can no longer see data of your accounts. Reference ${reference}.`,
    }),
  },
};

/** True for a message about access of partners. */
export function isAccess(template: MessageTemplate): template is AccessTemplate {
  return template.startsWith('access_grant.');
}
