// Money is counted in whole cents: 0.1 + 0.2 is not 0.3.

/** `1999` as `19.99 €`. */
export function show(cents) {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.abs(cents);
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')} €`;
}

/** A share of an amount, rounded to whole cents. */
export function share(cents, percent) {
  return Math.round((cents * percent) / 100);
}
