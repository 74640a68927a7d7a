import { type RedeliveryPolicy } from 'nestjs-activemq';

import { redeliveryDelay, resolveRedeliveryPolicy } from '../../libs/activemq/src/delivery/redelivery-policy.js';

interface Curve {
  readonly name: string;
  readonly policy: RedeliveryPolicy;
  readonly colour: string;
  readonly dash: string;
}

const REDELIVERIES = [1, 2, 3, 4, 5, 6] as const;

/** What the page shows; `redeliveryDelay` of the framework computes it. */
const CURVES: readonly Curve[] = [
  { name: 'defaults', policy: {}, colour: '#1f6feb', dash: '' },
  { name: 'useExponentialBackOff', policy: { useExponentialBackOff: true }, colour: '#c2410c', dash: '' },
  {
    name: 'backOffMultiplier 2',
    policy: { useExponentialBackOff: true, backOffMultiplier: 2 },
    colour: '#15803d',
    dash: '8 4',
  },
  {
    name: 'backOffMultiplier 2, maximumRedeliveryDelay 10 000',
    policy: { useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 10_000 },
    colour: '#7e22ce',
    dash: '2 4',
  },
  {
    name: 'initialRedeliveryDelay 0, backOffMultiplier 3',
    policy: { useExponentialBackOff: true, backOffMultiplier: 3, initialRedeliveryDelay: 0 },
    colour: '#4b5563',
    dash: '12 3 2 3',
  },
];

const delaysOf = ({ name, policy }: Curve): readonly number[] => {
  const resolved = resolveRedeliveryPolicy(name, policy);
  return REDELIVERIES.map((redelivery) => redeliveryDelay(resolved, redelivery));
};

/** The table of `docs/redelivery.md`: ms before each redelivery, one line per policy. */
export function redeliveryTable(): readonly string[] {
  const cells = (...texts: string[]) => `| ${texts.join(' | ')} |`;
  const number = (value: number) => value.toLocaleString('en').replaceAll(',', ' ');
  return [
    cells('Policy', ...REDELIVERIES.map((redelivery) => `${redelivery}`), 'in all'),
    ...CURVES.map((curve) => {
      const delays = delaysOf(curve);
      return cells(curve.name, ...delays.map(number), number(delays.reduce((sum, delay) => sum + delay, 0)));
    }),
  ];
}

const LEFT = 70;
const TOP = 20;
const WIDTH = 540;
const HEIGHT = 260;
/** Powers of ten, in ms, between which delays are shown. */
const LOWEST = 2;
const HIGHEST = 7;

const x = (redelivery: number) => LEFT + ((redelivery - 1) * WIDTH) / (REDELIVERIES.length - 1);
const y = (delay: number) => TOP + HEIGHT - ((Math.max(LOWEST, Math.log10(Math.max(1, delay))) - LOWEST) * HEIGHT) / (HIGHEST - LOWEST);
const round = (value: number) => Math.round(value * 10) / 10;

/** The plot of `docs/redelivery.svg`: delay over redelivery, on a logarithmic scale. */
export function redeliveryPlot(): string {
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 ${TOP + HEIGHT + 60 + CURVES.length * 20}" font-family="sans-serif" font-size="12">`,
    '<title>ms before each redelivery, by policy</title>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
  ];
  const marks = ['0.1 s', '1 s', '10 s', '100 s', '1 000 s', '10 000 s'];
  for (const [index, mark] of marks.entries()) {
    const at = round(y(10 ** (LOWEST + index)));
    lines.push(`<path d="M${LEFT} ${at}h${WIDTH}" stroke="#e5e7eb"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${mark}</text>`);
  }
  for (const redelivery of REDELIVERIES) {
    lines.push(`<text x="${round(x(redelivery))}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${redelivery}</text>`);
  }
  lines.push(`<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 38}" text-anchor="middle">redelivery</text>`);
  for (const [index, curve] of CURVES.entries()) {
    const points = delaysOf(curve).map((delay, at) => `${round(x(at + 1))},${round(y(delay))}`);
    const style = `fill="none" stroke="${curve.colour}" stroke-width="2"${curve.dash ? ` stroke-dasharray="${curve.dash}"` : ''}`;
    const legend = TOP + HEIGHT + 62 + index * 20;
    lines.push(
      `<polyline points="${points.join(' ')}" ${style}/>`,
      `<path d="M${LEFT} ${legend - 4}h40" ${style}/><text x="${LEFT + 50}" y="${legend}">${curve.name}</text>`,
    );
  }
  return `${lines.join('\n')}\n</svg>\n`;
}
