// Prints the scores that Lighthouse gives an address, 0 to 100: node audit.mjs ADDRESS FORM SESSION CHROMIUM FLAG...
// FORM: desktop or mobile. SESSION: the secret of a browser's session.
import { launch } from 'chrome-launcher'
import lighthouse, { desktopConfig } from 'lighthouse'

const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo']
const [address, form, session, chromePath, ...flags] = process.argv.slice(2)

const chrome = await launch({ chromePath, chromeFlags: ['--headless=new', ...flags] })
try {
  const options = { port: chrome.port, onlyCategories: CATEGORIES, logLevel: 'error', extraHeaders: { Cookie: `animatrix=${session}` } }
  const { lhr } = await lighthouse(address, options, form === 'desktop' ? desktopConfig : undefined)
  const lost = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 0.9)
  console.log(
    JSON.stringify({
      scores: Object.fromEntries(
        CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)]),
      ),
      lost: lost.map(({ id }) => id),
    }),
  )
} finally {
  chrome.kill()
}
