/// Who only lost: parity that was bought by treating some group worse, and no group of its attribute better.
///
/// - Source: Mittelstadt, Wachter and Russell (2023), "The unfairness of fair machine learning", for the notion.
public enum LevellingDown {
  /// Changes of a rate below this are no loss and no gain.
  static let noticeable = 0.005

  /// The groups that lost, each as `attribute: group`, of the attributes of which no group gained.
  ///
  /// A group loses where its selection rate or its true positive rate falls by more than half a point, and gains where
  /// one of them rises by more; rates that do not exist before and after do not count.
  ///
  /// - Parameters:
  ///   - before: The classifier before it was changed.
  ///   - after: The changed one, on the same rows.
  public static func groups(before: ClassifierEvaluation, after: ClassifierEvaluation) -> [String] {
    after.attributes.flatMap { new -> [String] in
      guard let old = before.attributes.first(where: { $0.name == new.name }) else { return [] }
      let changes = new.groups.map { group -> [Double] in
        guard let earlier = old.groups.first(where: { $0.name == group.name }) else { return [] }
        let pairs = [
          (earlier.selectionRate.value, group.selectionRate.value),
          (earlier.truePositiveRate.value, group.truePositiveRate.value),
        ]
        return pairs.compactMap { old, new in old.flatMap { old in new.map { $0 - old } } }
      }
      guard !changes.contains(where: { $0.contains { $0 > noticeable } }) else { return [] }
      return zip(new.groups, changes).filter { $0.1.contains { $0 < -noticeable } }.map { group, _ in
        "\(new.name): \(group.name)"
      }
    }
  }
}
