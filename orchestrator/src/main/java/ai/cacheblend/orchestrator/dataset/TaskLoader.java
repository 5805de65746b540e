package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Makes a task from the records of a data set. For a single use. */
final class TaskLoader {
  private static final String FALLBACK = "2wikimqa";

  /** One of this many dialogues serves as an example if there is no training split. */
  private static final int HELD_OUT_SHARE = 10;

  private final DataSource file;
  private final String source;
  private final Optional<String> knownName;
  private final DatasetOptions options;
  private final Supplier<Optional<DataSource>> training;
  private final SampleDraw draw;

  private final Set<String> ids = new HashSet<>();
  private final List<Item.Dialogue> dialogues = new ArrayList<>();
  private final LeftOut leftOut = new LeftOut();
  private final List<String> notes = new ArrayList<>();
  private Optional<String> assumption = Optional.empty();

  // Known from the first record of a known format on.
  private ItemFormat format;
  private Optional<String> recordName = Optional.empty();
  private PromptTemplate template;
  private PromptBuilder builder;

  /**
   * @param training finds the training split of the data, from which few-shot examples are drawn
   */
  TaskLoader(
      DataSource file,
      String source,
      Optional<String> knownName,
      DatasetOptions options,
      Supplier<Optional<DataSource>> training) {
    this.file = file;
    this.source = source;
    this.knownName = knownName;
    this.options = options;
    this.training = training;
    this.draw = new SampleDraw(options.sampling(), options.sampleLimit(), options.seed());
  }

  QualityTask load() {
    file.readRecords(this::accept);
    if (!dialogues.isEmpty()) {
      addDialogues();
    }
    List<QualitySample> samples = draw.samples();
    addNotes(samples);
    if (samples.isEmpty()) {
      throw new DatasetException(
          "%s: no usable items%s"
              .formatted(
                  file.name(), notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
    }
    assumption.ifPresent(notes::add);
    return new QualityTask(
        knownName.or(() -> recordName).orElseGet(this::baseName),
        source,
        file.name(),
        file.sha256(),
        template,
        samples,
        notes);
  }

  /** Whether more records are needed. All dialogues are: each may be an example for another. */
  private boolean accept(DataRecord record) {
    if (format == null) {
      format = ItemFormats.of(record);
      recordName = format.datasetName(record.fields());
      template = template();
      builder = new PromptBuilder(template, options.maxPromptCharacters());
    }
    try {
      Item item = format.read(record);
      if (item instanceof Item.Question question) {
        add(question);
      } else if (item instanceof Item.Dialogue dialogue) {
        dialogues.add(dialogue);
      }
    } catch (UnusableItemException e) {
      leftOut.add(e.getMessage());
    }
    return draw.open();
  }

  private void add(Item.Question item) {
    builder.build(item).map(this::withUniqueId).ifPresent(draw::offer);
  }

  private void addDialogues() {
    PromptTemplate.FewShot fewShot =
        template
            .fewShot()
            .orElseThrow(
                () ->
                    new DatasetException(
                        ("%s holds dialogues, for which the prompt template needs the field"
                                + " few_shot; see the template samsum")
                            .formatted(file.name())));
    if (dialogues.size() < 2) {
      throw new DatasetException(
          "%s holds one usable dialogue; examples are drawn from the others, so give two or more"
              .formatted(file.name()));
    }
    for (Item.Question item : fewShotQuestions(fewShot)) {
      if (draw.open()) {
        add(item);
      }
    }
  }

  /**
   * With examples of the training split, or else of the last dialogues of the file, which are then
   * not asked about: a tenth, or as many as a prompt has examples, but at most half.
   */
  private List<Item.Question> fewShotQuestions(PromptTemplate.FewShot fewShot) {
    List<Item.Dialogue> training = trainingDialogues();
    if (training.size() >= fewShot.count()) {
      return PromptBuilder.fewShot(dialogues, training, fewShot, options.seed());
    }
    int heldOut =
        Math.min(
            dialogues.size() / 2, Math.max(dialogues.size() / HELD_OUT_SHARE, fewShot.count()));
    int asked = dialogues.size() - heldOut;
    notes.add(
        "the last %d items serve as few-shot examples: there is no training split"
            .formatted(heldOut));
    return PromptBuilder.fewShot(
        dialogues.subList(0, asked),
        dialogues.subList(asked, dialogues.size()),
        fewShot,
        options.seed());
  }

  private List<Item.Dialogue> trainingDialogues() {
    List<Item.Dialogue> found = new ArrayList<>();
    training
        .get()
        .ifPresent(
            split ->
                split.readRecords(
                    record -> {
                      try {
                        if (ItemFormats.of(record).read(record) instanceof Item.Dialogue dialogue) {
                          found.add(dialogue);
                        }
                      } catch (UnusableItemException e) {
                        // Examples are drawn from the others.
                      }
                      return true;
                    }));
    return found;
  }

  private void addNotes(List<QualitySample> samples) {
    notes.addAll(leftOut.notes());
    if (builder != null) {
      note(shortenedCount(samples), "prompts shortened by leaving out middle documents");
      note(builder.tooLongCount(), "items left out: too long even with one document");
    }
  }

  private static int shortenedCount(List<QualitySample> samples) {
    return (int) samples.stream().filter(sample -> sample.documentsLeftOut() > 0).count();
  }

  private void note(int count, String what) {
    if (count > 0) {
      notes.add(count + " " + what);
    }
  }

  private String baseName() {
    String fileName = Path.of(file.name()).getFileName().toString();
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }

  /** The user's, or the one of the data set, whose name the records or the file name may tell. */
  private PromptTemplate template() {
    if (options.prompt().isPresent()) {
      return options.prompt().get();
    }
    Optional<String> name =
        knownName.or(() -> recordName.filter(Datasets.names()::contains)).or(this::nameInFileName);
    if (name.isEmpty()) {
      assumption =
          Optional.of(
              "prompt template %s is used; give another with --prompt if it does not fit"
                  .formatted(FALLBACK));
    }
    return PromptTemplates.builtIn(name.orElse(FALLBACK));
  }

  private Optional<String> nameInFileName() {
    String fileName = baseName().toLowerCase(Locale.ROOT);
    return Datasets.nameIn(fileName);
  }

  private QualitySample withUniqueId(QualitySample sample) {
    String id = sample.id();
    for (int copy = 2; !ids.add(id); copy++) {
      id = sample.id() + "#" + copy;
    }
    return new QualitySample(
        id,
        sample.question(),
        sample.parts(),
        sample.supporting(),
        sample.references(),
        sample.type(),
        sample.documentsLeftOut());
  }
}
