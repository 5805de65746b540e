/**
 * Charts of finished runs as SVG: drawn at the width they are shown with, coloured by a style
 * sheet.
 */
package ai.cacheblend.orchestrator.page.chart;
