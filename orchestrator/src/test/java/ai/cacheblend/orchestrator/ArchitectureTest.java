package ai.cacheblend.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrows: cli to console, page, csv and records; these to run, run to client, client to plan. */
@AnalyzeClasses(
    packages = "ai.cacheblend.orchestrator",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule messagesStayInTheClient =
      noClasses()
          .that()
          .resideOutsideOfPackage("..orchestrator.client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.cacheblend.proto..", "com.google.protobuf..", "io.grpc..");

  @ArchTest
  static final ArchRule onlyDatasetsUseTheHub =
      noClasses()
          .that()
          .resideOutsideOfPackage("..orchestrator.dataset..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.cacheblend.hub..");

  @ArchTest
  static final ArchRule planKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage("..plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..client..", "..run..", "..records..", "..console..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule clientKnowsThePlanAlone =
      noClasses()
          .that()
          .resideInAPackage("..client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..run..", "..records..", "..console..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule runPresentsNothing =
      noClasses()
          .that()
          .resideInAPackage("..run..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..records..", "..console..", "..cli..", "com.fasterxml.jackson..", "picocli..");

  @ArchTest
  static final ArchRule recordsAndViewsStartNothing =
      noClasses()
          .that()
          .resideInAnyPackage("..records..", "..console..", "..page..", "..csv..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..cli..", "picocli..");

  @ArchTest
  static final ArchRule comparingPresentsNothing =
      noClasses()
          .that()
          .resideInAPackage("..compare..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..console..", "..cli..", "picocli..");

  /** What is shown of a finished run comes from its files, so that it can be shown at any time. */
  @ArchTest
  static final ArchRule thePageKnowsNoRunning =
      noClasses()
          .that()
          .resideInAnyPackage("..page..", "..csv..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..plan..");
}
