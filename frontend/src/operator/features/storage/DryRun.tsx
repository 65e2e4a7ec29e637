import { useMutation } from '@tanstack/react-query'

import { Button } from '../../../components/Button.tsx'
import { client, dataOf, type Admin } from '../../api.ts'
import { Problem, Section } from '../../lib/ui/index.ts'
import { sizeWords } from '../../lib/words.ts'
import { RemovalTable } from './RemovalTable.tsx'

function fetchDryRun(): Promise<Admin<'RetentionReport'>> {
  return dataOf(client.POST('/api/admin/retention/dry-run'))
}

/** What a run would remove now, rule by rule. */
export function DryRun() {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: fetchDryRun })
  return (
    <Section
      title="Dry run"
      testId="dry-run"
      beside={
        <Button
          className="!min-h-8 text-[13px] pointer-coarse:!min-h-11"
          disabled={isPending}
          data-testid="try"
          onClick={() => mutate()}
        >
          {isPending ? 'Counting…' : 'What would a run remove now?'}
        </Button>
      }
    >
      {error && <Problem lead="That could not be found out." error={error} />}
      {data && (
        <>
          <output className="block text-[13px]">
            {data.objects} objects would go, {sizeWords(data.size_bytes)}. Nothing has gone.
          </output>
          <RemovalTable removals={data.removals} />
        </>
      )}
    </Section>
  )
}
