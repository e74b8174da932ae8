/// The values of the keys that were asked for last, as many as there is room for.
struct RecentValues<Value: Sendable>: Sendable {
  private let capacity: Int
  /// The last that was asked for last.
  private var values: [(key: String, value: Value)] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The value of a key; `new` where there is none.
  mutating func value(of key: String, orElse new: @autoclosure () -> Value) -> Value {
    let index = values.firstIndex { $0.key == key }
    let value = index.map { values.remove(at: $0).value } ?? new()
    values.append((key, value))
    if values.count > capacity { values.removeFirst() }
    return value
  }
}
