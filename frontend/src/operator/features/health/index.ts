export { HealthStrip } from './HealthStrip.tsx'
