package ai.cacheblend.orchestrator.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.Immutable;
import java.util.Set;

/** The text form and the JSON form of the selectors of one {@link SelectorKind}. */
@Immutable
interface SelectorForm {

  /** The text form, for help texts and messages. */
  String usage();

  Selector parse(ArmText text, ArmDefaults defaults);

  /** Everything that {@code defaults} do not imply; the share always. */
  ArmText print(Selector selector, ArmDefaults defaults);

  /** The JSON fields beside {@code method} and {@code selector}. */
  Set<String> fields();

  /** Fields that are absent have the values of {@code defaults}. */
  Selector read(JsonFields json, ArmDefaults defaults);

  /** Puts all of {@link #fields} that apply. */
  void write(Selector selector, ObjectNode json);
}
