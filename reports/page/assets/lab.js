/* Starts the page of a student's file, which has nothing but its language and its colours to switch. */

startLanguage();
