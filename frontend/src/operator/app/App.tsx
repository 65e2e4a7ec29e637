import { Suspense } from 'react'
import { Route, Switch } from 'wouter'

import { QueuePage } from '../features/queue/QueuePage.tsx'
import { Empty, Loading, PageHeader } from '../lib/ui/index.ts'
import { Header } from './Header.tsx'
import { NoOperator } from './NoOperator.tsx'
import { useOperator } from './useOperator.ts'
import {
  AuditPage,
  BackendsPage,
  DiffPage,
  JobPage,
  JobsPage,
  LinksPage,
  PeoplePage,
  StoragePage,
  TemplatesPage,
  WebhooksPage,
} from './parts.tsx'

export function App() {
  const standing = useOperator()
  if (standing === 'asking') return null
  if (standing === 'other') return <NoOperator />
  return (
    <div className="min-h-dvh">
      <Header />
      <main className="mx-auto w-full max-w-[100rem] space-y-4 px-3 pt-3 pb-12 sm:px-5">
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/" component={QueuePage} />
            <Route path="/jobs" component={JobsPage} />
            <Route path="/jobs/:id">{({ id }) => <JobPage key={id} jobId={id} />}</Route>
            <Route path="/jobs/:id/diff/:other">
              {({ id, other }) => <DiffPage left={id} right={other} />}
            </Route>
            <Route path="/templates" component={TemplatesPage} />
            <Route path="/backends" component={BackendsPage} />
            <Route path="/storage" component={StoragePage} />
            <Route path="/people" component={PeoplePage} />
            <Route path="/links" component={LinksPage} />
            <Route path="/webhooks" component={WebhooksPage} />
            <Route path="/audit" component={AuditPage} />
            <Route>
              <PageHeader title="There is no such page" />
              <Empty>Its address may have been cut off. The pages are in the line above.</Empty>
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  )
}
