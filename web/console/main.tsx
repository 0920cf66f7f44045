import { render } from 'preact';
import '../ui/base.css';
import '../ui/mono.css';
import './console.css';
import { startRouter } from '../ui/router.ts';
import { startTheme } from '../ui/theme.ts';
import { ConsoleApp } from './shell.tsx';

startTheme();
startRouter();
render(<ConsoleApp />, document.getElementById('root')!);
