import { render } from 'preact';
import { startClock } from '../ui/clock.ts';
import { language, showLanguage } from '../ui/language.ts';
import { startRouter } from '../ui/router.ts';
import { startTheme } from '../ui/theme.ts';
import '../ui/base.css';
import './app.css';
import { App } from './app.tsx';
import { loadSession } from './session.ts';

startTheme();
startRouter();
startClock();
showLanguage(language.value);
void loadSession();
addEventListener('online', () => void loadSession());
render(<App />, document.getElementById('app')!);
