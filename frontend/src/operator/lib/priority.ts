/** 1 is the most urgent. */
export const PRIORITIES = [
  { value: '1', label: '1 most urgent' },
  { value: '2', label: '2' },
  { value: '3', label: '3 usual' },
  { value: '4', label: '4' },
  { value: '5', label: '5 least urgent' },
] as const
