/** Waits until no tab that was there before this one has the page open. Where the browser has no locks, nobody is waited for. */
export async function onlyTab(): Promise<void> {
  const { locks } = navigator as Partial<Pick<Navigator, 'locks'>>;
  if (!locks) return;
  await new Promise<void>((resolve) => {
    const holdUntilClosed = (): Promise<never> => {
      resolve();
      return new Promise(() => undefined);
    };
    // A browser that keeps nothing for the page may refuse locks too.
    locks.request('etude-studio', holdUntilClosed).catch(() => resolve());
  });
}
