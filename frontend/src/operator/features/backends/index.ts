export { BackendsPage } from './BackendsPage.tsx'
