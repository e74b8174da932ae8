import FairnessMetrics
import OrderedJSON

extension ScoreCounts {
  /// `{"all": […], "attributes": {"sex": {"Female": […], …}}}`.
  var json: JSON {
    .object([
      .init("all", all.json),
      .init(
        "attributes",
        .object(
          attributes.map { attribute in
            JSON.Member(
              attribute.name, .object(attribute.groups.map { JSON.Member($0.name, $0.counts.json) }))
          })),
    ])
  }

  init(_ record: RecordReading) throws(RecordError) {
    var attributes: [Attribute] = []
    let all = try record.counts("all")
    for (name, object) in try record.object("attributes").objects() {
      var groups: [Group] = []
      for group in object.memberKeys {
        groups.append(Group(group, counts: try object.counts(group, count: all.count)))
      }
      attributes.append(Attribute(name, groups: groups))
    }
    self.init(all: all, attributes: attributes)
  }
}

extension [Int] {
  var json: JSON { .array(map { .number(JSONNumber($0)) }) }
}

extension RecordReading {
  /// A list of counts.
  ///
  /// - Parameter count: How many there should be; nil for any number.
  func counts(_ key: String, count: Int? = nil) throws(RecordError) -> [Int] {
    let counts = try elements(key).map(\.integer)
    guard counts.count == count ?? counts.count, counts.allSatisfy({ $0 ?? -1 >= 0 }) else {
      throw failure(key, "should be a list of \(count.map { "\($0) " } ?? "")counts")
    }
    return counts.compactMap { $0 }
  }
}
