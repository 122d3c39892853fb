// The part of CloudWatch's metric math that the alarms use: series with gaps, RATE, FILL, IF, arithmetic and comparisons.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

/** A datapoint for each period; undefined if there is none. */
export type Points = (number | undefined)[]
type Value = number | Points

/** `periodSeconds`: how far apart the datapoints are. */
export function evaluate(expression: string, series: Record<string, Points>, periodSeconds: number): Points {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=]=|[-+*/()<>,]/g) ?? []
  if (tokens.join('') !== expression.replace(/\s+/g, '')) throw new Error(`cannot read ${expression}`)
  let place = 0
  const take = (wanted?: string): string => {
    const token = tokens[place++]
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`${wanted} expected, not ${token}`)
    return token
  }
  const binary = (next: () => Value, operators: string[]) => (): Value => {
    let value = next()
    while (operators.includes(tokens[place] ?? '')) value = each(OPERATORS[take()]!, value, next())
    return value
  }
  const atom = (): Value => {
    const token = take()
    if (token === '(') {
      const value = comparison()
      take(')')
      return value
    }
    if (/^\d/.test(token)) return Number(token)
    if (tokens[place] !== '(') return series[token] ?? fail(`there is no series ${token}`)
    const values: Value[] = []
    do {
      place++
      values.push(comparison())
    } while (tokens[place] === ',')
    take(')')
    return call(token, values, periodSeconds)
  }
  const product = binary(atom, ['*', '/'])
  const sum = binary(product, ['+', '-'])
  const comparison: () => Value = binary(sum, ['<', '>', '<=', '>=', '=='])
  const result = comparison()
  if (place !== tokens.length || typeof result === 'number') throw new Error(`${expression} is no series`)
  return result
}

const fail = (why: string): never => {
  throw new Error(why)
}

const OPERATORS: Record<string, (x: number, y: number) => number | undefined> = {
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  // A division by zero gives no datapoint.
  '/': (x, y) => (y === 0 ? undefined : x / y),
  '<': (x, y) => Number(x < y),
  '>': (x, y) => Number(x > y),
  '<=': (x, y) => Number(x <= y),
  '>=': (x, y) => Number(x >= y),
  '==': (x, y) => Number(x === y),
}

const at = (value: Value, place: number): number | undefined => (typeof value === 'number' ? value : value[place])

function each(operator: (x: number, y: number) => number | undefined, x: Value, y: Value): Value {
  if (typeof x === 'number' && typeof y === 'number') return operator(x, y) ?? fail('a number is divided by zero')
  const length = Math.max(typeof x === 'number' ? 0 : x.length, typeof y === 'number' ? 0 : y.length)
  return Array.from({ length }, (_, place) => {
    const [one, other] = [at(x, place), at(y, place)]
    return one === undefined || other === undefined ? undefined : operator(one, other)
  })
}

function call(name: string, values: Value[], periodSeconds: number): Value {
  const [first, second, third] = values
  if (!Array.isArray(first)) return fail(`${name} wants a series`)
  if (name === 'FILL') return first.map((value, place) => value ?? at(second!, place))
  if (name === 'IF')
    return first.map((yes, place) => (yes === undefined ? undefined : at(yes ? second! : third!, place)))
  if (name === 'RATE') return first.map((value, place) => rate(first, value, place, periodSeconds))
  return fail(`there is no function ${name}`)
}

/** From the last datapoint before it, however long ago. */
function rate(points: Points, value: number | undefined, place: number, periodSeconds: number): number | undefined {
  const before = points.slice(0, place).findLastIndex((point) => point !== undefined)
  if (value === undefined || before < 0) return undefined
  return (value - points[before]!) / ((place - before) * periodSeconds)
}
