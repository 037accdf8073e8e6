/** What a process of `etude train` is told by its environment: to save and stop when the process that started it is gone. */
export const STOPS_WITH_PARENT = 'ETUDE_STOPS_WITH_PARENT';
