import { Get } from '@nestjs/common';
import { Page } from '../answers/page.decorator.js';
import { View } from '../answers/view.js';
import { PageHead } from '../parts/page-head.js';

@Page('dashboard')
export class DashboardPage {
  @Get()
  show(): View {
    return new View({ title: 'Dashboard', section: 'dashboard', content: <PageHead title="Dashboard" /> });
  }
}
