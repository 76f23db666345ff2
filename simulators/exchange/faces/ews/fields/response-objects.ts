/** What can be done with an item, as a list of the elements that CreateItem then takes. */
import { familyOf, itemClassOf, propertyOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';

/** The ResponseObjects element; empty for kinds that have none. */
export function responseObjects(view: View): string {
  const itemClass = itemClassOf(view);
  const wrap = (...names: readonly string[]) =>
    `<t:ResponseObjects>${names.map((name) => `<t:${name}/>`).join('')}</t:ResponseObjects>`;
  switch (familyOf(itemClass)) {
    case 'contact':
    case 'list':
    case 'task':
      return '';
    case 'appointment': {
      const state = propertyOf(view, event.stateFlags) ?? 0;
      if ((state & 2) !== 0) {
        return wrap(
          'AcceptItem',
          'TentativelyAcceptItem',
          'DeclineItem',
          'ReplyToItem',
          'ReplyAllToItem',
          'ForwardItem',
        );
      }
      return (state & 1) !== 0 ? wrap('CancelCalendarItem', 'ForwardItem') : wrap('ForwardItem');
    }
    case 'message': {
      if (itemClass.startsWith('IPM.Schedule.Meeting.Request')) {
        return wrap(
          'AcceptItem',
          'TentativelyAcceptItem',
          'DeclineItem',
          'ReplyToItem',
          'ReplyAllToItem',
          'ForwardItem',
        );
      }
      if (itemClass.startsWith('IPM.Schedule.Meeting.Canceled')) return wrap('RemoveItem', 'ForwardItem');
      const isDraft = ((propertyOf(view, message.flags) ?? 0) & 8) !== 0;
      return isDraft ? wrap('ForwardItem') : wrap('ReplyToItem', 'ReplyAllToItem', 'ForwardItem');
    }
  }
}
