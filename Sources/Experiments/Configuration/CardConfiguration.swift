import RunRecords

/// The answers to the questions of the model card, step by step; see `Questionnaire`.
public struct CardConfiguration: Sendable, Equatable {
  /// The answers to the questions of one step.
  public struct Answers: Sendable, Equatable {
    private var texts: [String: String] = [:]

    /// The answer to a question; nil for none.
    public subscript(question: String) -> String? {
      get { texts[question] }
      set { texts[question] = newValue }
    }
  }

  private var steps: [String: Answers] = [:]

  /// The answers of a step.
  public subscript(step: String) -> Answers {
    get { steps[step] ?? Answers() }
    set { steps[step] = newValue }
  }

  public init() {}

  public static func == (one: CardConfiguration, other: CardConfiguration) -> Bool {
    (Questionnaire.steps + [Questionnaire.maker]).allSatisfy { one[$0.key] == other[$0.key] }
  }
}

extension CardConfiguration {
  static let section = ConfigurationSection<CardConfiguration>(
    defaults: CardConfiguration(),
    fields: ([Questionnaire.maker] + Questionnaire.steps).map { step in
      ConfigurationField(step.key, \CardConfiguration.[step.key], section(of: step).codec, "\(step.title).")
    })

  private static func section(of step: Questionnaire.Step) -> ConfigurationSection<Answers> {
    ConfigurationSection<Answers>(
      defaults: Answers(),
      fields: step.questions.map { question in
        ConfigurationField(
          question.key, \Answers.[question.key], .optional(.text(.any), sample: "The answer in words."), question.text)
      })
  }

  /// One that shows what it looks like.
  static var sample: CardConfiguration {
    var card = CardConfiguration()
    card["problem"]["purpose"] = "A first look at applications, before a person decides."
    return card
  }
}
